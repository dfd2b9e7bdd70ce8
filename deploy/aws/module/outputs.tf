output "role" {
  description = "The collector's role: whom the trust policy in each member account names."
  value       = aws_iam_role.collector.arn
}

output "archive" {
  description = "Where the archive is, as `collector verify --archive` takes it."
  value       = "s3://${var.bucket}/${trimsuffix(var.prefix, "/")}?region=${data.aws_region.here.name}"
}

output "log_group" {
  description = "Where the collector's log is."
  value       = aws_cloudwatch_log_group.collector.name
}
