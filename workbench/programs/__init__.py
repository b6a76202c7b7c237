"""What other programs use: keys, requests answered once, webhooks."""
