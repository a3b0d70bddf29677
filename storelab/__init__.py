"""storelab: a laboratory for WooCommerce connectors."""

__version__ = "0.1.0"
