"""`python -m floodscan` is the command."""

from floodscan.cli import main

if __name__ == "__main__":
    main()
