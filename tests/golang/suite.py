"""Counts what passed, and says what did not."""


class Suite:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, name, is_right, shown=""):
        self.passed += bool(is_right)
        self.failed += not is_right
        if not is_right:
            print(f"FAIL {name}: {str(shown)[:2000]}")
        return bool(is_right)

    def skip(self, name, why):
        self.skipped += 1
        print(f"skip {name}: {why}")
