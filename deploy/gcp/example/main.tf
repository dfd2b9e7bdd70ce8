# The collector in a security project, reading the whole organisation.

provider "google" {
  project = "example-security"
  region  = "europe-west3"
}

module "collector" {
  source       = "../module"
  organisation = "000000000000"
  project      = "example-security"
  image        = "europe-west3-docker.pkg.dev/example-security/images/evidence-collector@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  bucket       = "example-evidence"
  keys = {
    log       = "projects/example-security/locations/europe-west3/keyRings/evidence/cryptoKeys/log/cryptoKeyVersions/1"
    collector = "projects/example-security/locations/europe-west3/keyRings/evidence/cryptoKeys/collector/cryptoKeyVersions/1"
  }
  configuration = <<-EOT
    [schedule]
    default = "daily at 02:00 UTC"

    [gcp]
  EOT
}

output "archive" {
  description = "Where the archive is."
  value       = module.collector.archive
}
