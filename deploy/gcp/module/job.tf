# `collector run --due` as a Cloud Run job, started by Cloud Scheduler. Its keys directory (public keys, the pin and the
# redaction key; the signing keys stay in Cloud KMS) lies in a small bucket of its own, mounted.

resource "google_storage_bucket" "state" {
  name                        = "${var.bucket}-state"
  project                     = var.project
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  versioning {
    enabled = true
  }
}

resource "google_storage_bucket_iam_member" "state" {
  bucket = google_storage_bucket.state.name
  role   = "roles/storage.objectUser"
  member = google_service_account.collector.member
}

resource "google_cloud_run_v2_job" "collector" {
  name                = var.name
  project             = var.project
  location            = var.region
  deletion_protection = true
  template {
    task_count = 1
    template {
      service_account = google_service_account.collector.email
      timeout         = "7200s"
      max_retries     = 0 # the next call does what this one did not
      containers {
        image   = var.image
        command = ["/opt/collector/bin/python", "-c", local.start]
        args    = ["--log-level", "info", "--log-json", "run", "--due", "--config", "/tmp/collector.toml"]
        resources {
          limits = { cpu = "1", memory = "1Gi" }
        }
        env {
          name  = "COLLECTOR_TOML"
          value = local.toml
        }
        dynamic "env" {
          for_each = var.secrets
          content {
            name = env.key
            value_source {
              secret_key_ref {
                secret  = env.value
                version = "latest"
              }
            }
          }
        }
        volume_mounts {
          name       = "state"
          mount_path = "/var/lib/collector"
        }
      }
      volumes {
        name = "state"
        gcs {
          bucket = google_storage_bucket.state.name
        }
      }
    }
  }
}

locals {
  toml = join("\n", [
    "[archive]",
    "path = \"gs://${var.bucket}/${var.prefix}\"",
    "keys = \"/var/lib/collector/keys\"",
    "retain_days = ${var.retain_days}",
    "",
    var.configuration,
  ])
  start = <<-EOT
    import os, sys
    open("/tmp/collector.toml", "w").write(os.environ["COLLECTOR_TOML"])
    os.execv("/opt/collector/bin/collector", ["collector", *sys.argv[1:]])
  EOT
}

resource "google_service_account" "starter" {
  project      = var.project
  account_id   = "${var.name}-starter"
  display_name = "Starts the evidence collector, and can do nothing else"
}

resource "google_cloud_run_v2_job_iam_member" "start" {
  project  = var.project
  location = var.region
  name     = google_cloud_run_v2_job.collector.name
  role     = "roles/run.invoker"
  member   = google_service_account.starter.member
}

resource "google_cloud_scheduler_job" "due" {
  name      = var.name
  project   = var.project
  region    = var.region
  schedule  = var.schedule
  time_zone = "Etc/UTC"
  retry_config {
    retry_count = 0
  }
  http_target {
    http_method = "POST"
    uri         = "https://run.googleapis.com/v2/${google_cloud_run_v2_job.collector.id}:run"
    oauth_token {
      service_account_email = google_service_account.starter.email
    }
  }
}
