import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import metricd  # noqa: E402


class MetricdTest(unittest.TestCase):
    def test_spool(self):
        with tempfile.TemporaryDirectory() as spool:
            with open(os.path.join(spool, "queue"), "w") as out:
                out.write("mails 12\nnonsense\n")
            self.assertEqual(metricd.spooled(spool), {"local_mails": 12.0})

    def test_keep(self):
        with tempfile.TemporaryDirectory() as directory:
            metricd.keep(directory, {"load_1": 0.5}, 0)
            with open(os.path.join(directory, "1970-01-01.txt")) as kept:
                self.assertEqual(kept.read(), "0 load_1 0.5\n")

    def test_disks(self):
        self.assertIn("disk_free_root", metricd.disks(["/", "/no/such/mount"]))


if __name__ == "__main__":
    unittest.main()
