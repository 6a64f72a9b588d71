"""What every report says, before any format: model, wording, and how a run becomes one."""
