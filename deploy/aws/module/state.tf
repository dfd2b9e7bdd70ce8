# The keys and the pin outlive the task: a small encrypted file system of the collector's own.

resource "aws_efs_file_system" "state" {
  creation_token = var.name
  encrypted      = true
  tags           = { Name = var.name }
}

resource "aws_efs_backup_policy" "state" {
  file_system_id = aws_efs_file_system.state.id
  backup_policy {
    status = "ENABLED"
  }
}

resource "aws_efs_access_point" "state" {
  file_system_id = aws_efs_file_system.state.id
  posix_user {
    uid = 65532
    gid = 65532
  }
  root_directory {
    path = "/collector"
    creation_info {
      owner_uid   = 65532
      owner_gid   = 65532
      permissions = "0700"
    }
  }
}

resource "aws_security_group" "state" {
  name        = "${var.name}-state"
  description = "The file system of the evidence collector"
  vpc_id      = var.vpc
}

resource "aws_vpc_security_group_ingress_rule" "state" {
  security_group_id            = aws_security_group.state.id
  referenced_security_group_id = aws_security_group.collector.id
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
}

resource "aws_efs_mount_target" "state" {
  for_each        = toset(var.subnets)
  file_system_id  = aws_efs_file_system.state.id
  subnet_id       = each.value
  security_groups = [aws_security_group.state.id]
}
