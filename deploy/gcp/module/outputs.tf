output "service_account" {
  description = "Who the collector is."
  value       = google_service_account.collector.email
}

output "archive" {
  description = "Where the archive is, as `collector verify --archive` takes it."
  value       = "gs://${google_storage_bucket.evidence.name}/${var.prefix}"
}
