import io
import os
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from crashhub import configuration, database, mover_app, processor_app, store  # noqa: E402
from crashhub.collector import Collector  # noqa: E402


class ReportTest(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.root)
        self.ini = os.path.join(self.root, 'test.ini')
        for name in ('incoming', 'fallback', 'processed'):
            os.mkdir(os.path.join(self.root, name))
        with open(self.ini, 'w') as out:
            out.write('[collector]\nstore = {0}/incoming\nfallback = {0}/fallback\n'
                      '[processor]\nstore = {0}/incoming\nprocessed = {0}/processed\nskip_frames = abort\n'
                      '[database]\npath = {0}/crashhub.db\n'.format(self.root))

    def submit(self, body):
        status = []
        answer = Collector(self.ini)({'REQUEST_METHOD': 'POST', 'CONTENT_LENGTH': str(len(body)),
                                      'wsgi.input': io.BytesIO(body)}, lambda line, headers: status.append(line))
        return status[0], b''.join(answer).decode()

    def test_from_post_to_database(self):
        status, answer = self.submit(b'product=Viewer&release=2.1&stack=abort()%0Aopen_file()%0Amain()')
        self.assertEqual(status, '200 OK')
        connection = database.connect(os.path.join(self.root, 'crashhub.db'))
        self.assertEqual(database.upgrade(connection), [1, 2, 3])
        self.assertEqual(processor_app.Processor(configuration.read(self.ini)).work(), 1)
        row = database.newest(connection, 1)[0]
        self.assertEqual(row['signature'], 'open_file() | main()')
        self.assertIn(row['crash_id'], answer)

    def test_report_without_product(self):
        self.assertEqual(self.submit(b'stack=main')[0], '400 Bad Request')

    def test_store_is_shared_by_group(self):
        path = store.save(os.path.join(self.root, 'incoming'), store.new_id(), {'product': 'Viewer'})
        self.assertEqual(os.stat(os.path.dirname(path)).st_mode & 0o7777, 0o2775)

    def test_mover(self):
        fallback, incoming = os.path.join(self.root, 'fallback'), os.path.join(self.root, 'incoming')
        store.save(fallback, store.new_id(), {'product': 'Viewer'})
        self.assertEqual(mover_app.move_all(fallback, incoming), 1)
        self.assertEqual(len(list(store.paths(incoming))), 1)


if __name__ == '__main__':
    unittest.main()
