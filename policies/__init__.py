"""The policy pack: judges the previewed graph by the onboarding checklist, whatever program made it."""
