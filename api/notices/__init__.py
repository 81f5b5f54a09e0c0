"""Notices on their way out: worded, sent by e-mail or to webhooks, tried again."""
