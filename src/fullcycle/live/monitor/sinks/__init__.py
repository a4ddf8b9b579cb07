"""Where alarms go: a file, a webhook, gauges for Prometheus."""
