# The evidence bucket: a retention policy on every object, locked when you say so. No versioning: under it a retained
# object could be made noncurrent, and another put in its place.

resource "google_storage_bucket" "evidence" {
  name                        = var.bucket
  project                     = var.project
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false
  retention_policy {
    retention_period = var.retain_days * 86400
    is_locked        = var.lock
  }
  versioning {
    enabled = false
  }
}

# Create and read, and no right to delete or to change: an object that is there can be overwritten by nobody.
resource "google_project_iam_custom_role" "keep" {
  project     = var.project
  role_id     = "evidenceCollectorKeep"
  title       = "Keep evidence"
  description = "Put new objects, read and list them, and see the bucket's lock and policy"
  permissions = [
    "storage.buckets.get",
    "storage.buckets.getIamPolicy",
    "storage.objects.create",
    "storage.objects.get",
    "storage.objects.list",
  ]
}

resource "google_storage_bucket_iam_member" "keep" {
  bucket = google_storage_bucket.evidence.name
  role   = google_project_iam_custom_role.keep.id
  member = google_service_account.collector.member
}

# To see which access is logged, and who else has rights in the bucket by the project's policy; and nothing else.
resource "google_project_iam_custom_role" "watch" {
  project     = var.project
  role_id     = "evidenceCollectorWatch"
  title       = "See which access is logged, and whose"
  description = "Read the project's policy, which says what its audit logs have and who has rights, and what roles give"
  permissions = ["iam.roles.get", "resourcemanager.projects.getIamPolicy"]
}

resource "google_project_iam_member" "watch" {
  project = var.project
  role    = google_project_iam_custom_role.watch.id
  member  = google_service_account.collector.member
}

# Who reads and writes objects, in Cloud Logging: this is the whole configuration of Cloud Storage in the project.
resource "google_project_iam_audit_config" "evidence" {
  count   = var.log_access ? 1 : 0
  project = var.project
  service = "storage.googleapis.com"
  audit_log_config {
    log_type = "DATA_WRITE"
  }
  audit_log_config {
    log_type = "DATA_READ"
  }
}
