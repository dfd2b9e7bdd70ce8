# Who the collector is. What it may read in the organisation is what `collector permissions gcp` prints.

locals {
  permissions = jsondecode(file("${path.module}/../collector-role.json")).includedPermissions
}

resource "google_service_account" "collector" {
  project      = var.project
  account_id   = var.name
  display_name = "Evidence collector: reads, and keeps its archive"
}

resource "google_organization_iam_custom_role" "read" {
  org_id      = var.organisation
  role_id     = "evidenceCollectorRead"
  title       = "Read evidence"
  description = "What `collector permissions gcp` prints: only reading"
  permissions = local.permissions
}

resource "google_organization_iam_member" "read" {
  org_id = var.organisation
  role   = google_organization_iam_custom_role.read.name
  member = google_service_account.collector.member
}

resource "google_kms_crypto_key_iam_member" "sign" {
  for_each      = var.keys
  crypto_key_id = split("/cryptoKeyVersions/", each.value)[0]
  role          = "roles/cloudkms.signerVerifier"
  member        = google_service_account.collector.member
}

resource "google_secret_manager_secret_iam_member" "read" {
  for_each  = var.secrets
  project   = var.project
  secret_id = each.value
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.collector.member
}
