# Two ways to be told: slots were missed, or no run has been sealed for too long.

resource "aws_cloudwatch_log_metric_filter" "missed" {
  name           = "${var.name}-missed"
  log_group_name = aws_cloudwatch_log_group.collector.name
  pattern        = "{ $.event = \"run sealed\" && $.missed > 0 }"
  metric_transformation {
    name      = "MissedSlots"
    namespace = var.name
    value     = "$.missed"
  }
}

resource "aws_cloudwatch_log_metric_filter" "sealed" {
  name           = "${var.name}-sealed"
  log_group_name = aws_cloudwatch_log_group.collector.name
  pattern        = "{ $.event = \"run sealed\" }"
  metric_transformation {
    name      = "SealedRuns"
    namespace = var.name
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "missed" {
  alarm_name          = "${var.name}-missed-slots"
  alarm_description   = "Evidence was not collected when it was due. deploy/README.md says what to do."
  namespace           = var.name
  metric_name         = aws_cloudwatch_log_metric_filter.missed.metric_transformation[0].name
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topics
}

resource "aws_cloudwatch_metric_alarm" "silent" {
  alarm_name          = "${var.name}-silent"
  alarm_description   = "No run has been sealed for ${var.silent_hours} hours."
  namespace           = var.name
  metric_name         = aws_cloudwatch_log_metric_filter.sealed.metric_transformation[0].name
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = var.silent_hours
  datapoints_to_alarm = var.silent_hours
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = var.alarm_topics
}
