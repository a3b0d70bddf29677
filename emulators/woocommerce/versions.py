"""What this store says it is."""

WOOCOMMERCE = "10.5.0"
WORDPRESS = "6.9.7"
PHP = "8.2.35"
