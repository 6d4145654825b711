"""What every layer may use: settings, problems, logs, rate limit, rules for addresses."""
