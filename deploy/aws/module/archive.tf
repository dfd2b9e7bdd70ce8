# The evidence bucket: every object locked in COMPLIANCE mode, which nobody can lift, root included.

resource "aws_kms_key" "evidence" {
  description             = "${var.name}: what evidence is encrypted with"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "evidence" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.evidence.key_id
}

resource "aws_s3_bucket" "evidence" {
  bucket              = var.bucket
  object_lock_enabled = true
  force_destroy       = false
}

resource "aws_s3_bucket_versioning" "evidence" {
  bucket = aws_s3_bucket.evidence.id
  versioning_configuration {
    status = "Enabled"
  }
}

# The floor: the collector asks for more with each put, up to the end of the quarter.
resource "aws_s3_bucket_object_lock_configuration" "evidence" {
  bucket = aws_s3_bucket.evidence.id
  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = var.retain_days
    }
  }
  depends_on = [aws_s3_bucket_versioning.evidence]
}

resource "aws_s3_bucket_server_side_encryption_configuration" "evidence" {
  bucket = aws_s3_bucket.evidence.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.evidence.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "evidence" {
  bucket                  = aws_s3_bucket.evidence.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "evidence" {
  bucket = aws_s3_bucket.evidence.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# What nobody may do here, as `collector init` prints it, and nothing without TLS. The policy comes after the lock
# configuration, which it denies any change of.
resource "aws_s3_bucket_policy" "evidence" {
  bucket = aws_s3_bucket.evidence.id
  policy = templatefile("${path.module}/bucket-policy.json.tftpl", {
    bucket      = var.bucket
    prefix      = var.prefix
    retain_days = var.retain_days
  })
  depends_on = [
    aws_s3_bucket_object_lock_configuration.evidence,
    aws_s3_bucket_public_access_block.evidence,
  ]
}

# Who reads and writes here, told by S3 itself, into a bucket that the collector has no right to. CloudTrail's data events
# tell more, and belong to the organisation's own trail.
resource "aws_s3_bucket_logging" "evidence" {
  count         = var.access_log_bucket == "" ? 0 : 1
  bucket        = aws_s3_bucket.evidence.id
  target_bucket = var.access_log_bucket
  target_prefix = "${var.bucket}/"
}
