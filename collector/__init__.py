"""An evidence collector for SOC 2 Type II audits."""

__version__ = "0.1.0"
