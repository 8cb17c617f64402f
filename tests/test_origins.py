"""Where a library's lines come from in the application: routes by a request's path, and the calls that make a library."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from drawn_logs import Line, in_order

from floodscan.code.made import calls_of
from floodscan.code.routes import Routes
from floodscan.code.tree import Tree
from floodscan.pipeline import ScanOptions, scan
from floodscan.read.sources import find_sources
from floodscan.rules.dependency import dependencies
from floodscan.rules.libraries import libraries, libraries_behind


def tree_of(folder: Path, files: dict[str, str]) -> Tree:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    tree = Tree(str(folder))
    for _ in tree.texts():
        pass
    return tree


ROUTES = [
    ("a.js", "const x = 1;\napp.get('/orders/:id', show);\n", "GET", "/orders/12", 2),
    ("b.ts", "fastify.route({\n  method: 'POST',\n  url: '/orders',\n  handler });\n", "POST", "/orders?x=1", 3),
    ("c.ts", "@Controller()\nclass A {\n  @Get('/orders/open')\n  open() {}\n}\n", "GET", "/orders/open", 3),
    ("a.py", "@app.route(\n    '/orders/<int:id>')\ndef show(id): ...\n", "GET", "/orders/3", 2),
    ("b.py", "@orders.get('/orders/{id}')\nasync def show(id): ...\n", "GET", "/orders/3", 1),
    ("A.java", 'class A {\n  @GetMapping("/orders/{id}")\n  Order show() {}\n}\n', "GET", "/orders/3", 2),
    ("B.java", '@RequestMapping(value = "/orders")\nclass B {}\n', "PUT", "/orders", 1),
    ("a.go", 'mux.HandleFunc("/orders", show)\n', "GET", "/orders", 1),
    ("b.go", 'mux.Handle("GET /orders/{id}", show)\nmux.Handle("POST /orders/{id}", put)\n', "POST", "/orders/3", 2),
    ("c.go", 'r.POST("/orders", create)\n', "POST", "/orders", 1),
    ("a.rb", "get '/orders/:id' do\nend\n", "GET", "/orders/3", 1),
    ("b.rb", "  post '/orders', to: 'orders#create'\n", "POST", "/orders", 1),
    ("a.php", "Route::get('/orders/{id}', [A::class, 'show']);\n", "GET", "/orders/3", 1),
    ("A.cs", 'app.MapPost("/orders", Create);\n', "POST", "/orders", 1),
    ("a.rs", 'let app = Router::new()\n  .route("/orders/:id", get(show));\n', "GET", "/orders/3", 2),
]


@pytest.mark.parametrize(("file", "text", "method", "target", "line"), ROUTES, ids=[row[0] for row in ROUTES])
def test_the_handler_of_a_request_is_found_in_any_framework(
    tmp_path: Path, file: str, text: str, method: str, target: str, line: int
) -> None:
    assert Routes(tree_of(tmp_path, {file: text})).find(method, target) == [(file, line)]


NO_ROUTES = [
    ("a.js", "axios.get('/orders', options);\n"),
    ("b.js", "// app.get('/orders', show)\n"),
    ("c.js", "cache.get('/orders', now);\n"),
    ("d.js", "app.post('/orders', create);\n"),
    ("e.js", "app.get('/:id', show);\n"),
    ("f.js", "log.info('/orders');\nconst paths = ['/orders'];\n"),
    ("a.py", "client.get('/orders', timeout=3)\n"),
]


@pytest.mark.parametrize(("file", "text"), NO_ROUTES, ids=[row[0] for row in NO_ROUTES])
def test_what_only_names_a_path_handles_nothing(tmp_path: Path, file: str, text: str) -> None:
    assert Routes(tree_of(tmp_path, {file: text})).find("GET", "/orders") == []


def test_the_whole_path_comes_before_its_end_and_the_application_before_its_tests(tmp_path: Path) -> None:
    files = {
        "orders.js": "router.get('/open', list);\n",
        "all.js": "app.get('/orders/open', list);\napp.get('/orders/:id', show);\n",
        "test/all.test.js": "app.get('/orders/open', fake);\n",
    }
    routes = Routes(tree_of(tmp_path, files))
    assert routes.find("GET", "/orders/open") == [("all.js", 1)]
    assert routes.find("GET", "/v2/open") == [("orders.js", 1)]
    assert routes.find("GET", "/orders/12") == [("all.js", 2)]
    assert routes.find("GET", "https://elsewhere.example/orders/12?x=/y") == [("all.js", 2)]
    assert routes.find("GET", "/nothing") == []
    assert routes.find(None, "no path") == []


def test_a_library_is_made_where_its_call_stands_outside_comments_and_strings(tmp_path: Path) -> None:
    tree = tree_of(
        tmp_path,
        {
            "a.ts": "// new Redis(url)\nconst text = 'new Redis(url)';\nexport const c = new Redis<Options>(url);\n",
            "b.py": "client = redis.Redis(host)\nother = my.redis.Redis(host)\nnewRedis(1)\n",
            "test/a.test.ts": "const c = new Redis(url);\n",
        },
    )
    assert calls_of(tree, ("new Redis", "redis.Redis")) == [("a.ts", 3), ("b.py", 1)]


def test_a_name_that_several_libraries_share_counts_beside_the_import_alone(tmp_path: Path) -> None:
    tree = tree_of(
        tmp_path,
        {
            "cache.js": "import { createClient } from 'redis';\nexport const c = createClient({ url });\n",
            "db.js": "import { createClient } from '@supabase/supabase-js';\nexport const c = createClient(url, key);\n",
            "py.py": "from redis import Redis\nc = Redis(host)\n",
        },
    )
    assert calls_of(tree, ("createClient", "Redis"), ("redis",)) == [("cache.js", 2), ("py.py", 2)]
    assert calls_of(tree, ("createClient",), ("@supabase/supabase-js",)) == [("db.js", 2)]


def test_a_library_is_known_by_its_words_or_its_stack_before_what_it_is_a_client_of() -> None:
    def titles(*args: object) -> list[str]:
        return [one.title for one in libraries_behind(*args)]  # type: ignore[arg-type]

    assert titles(["[ioredis] Unhandled error event: Error: x"], [], "redis") == ["ioredis"]
    assert titles(["lost"], ["/app/node_modules/ioredis/built/Redis.js"], "redis") == ["ioredis"]
    assert titles(["connect ECONNREFUSED 10.0.0.1:6379"], [], "redis") == ["ioredis", "a Redis client"]
    assert titles(["the incoming request was odd"], [], None) == []


def test_every_library_can_be_known_and_made() -> None:
    ids = {one.id for one in dependencies()[0]}
    for one in libraries():
        assert one.says or one.frames or one.dependency, one.title
        assert one.calls or (one.imported and one.modules), one.title
        assert one.dependency is None or one.dependency in ids, one.title


def test_a_finding_of_a_librarys_lines_is_led_to_the_handler_or_to_where_the_library_is_made(tmp_path: Path) -> None:
    source = {
        "routes.js": "app.get('/orders/:id', show);\n",
        "cache.js": "const url = env.URL;\nexport const cache = new Redis(url);\n",
    }
    tree_of(tmp_path / "src", source)
    lines: list[Line] = []
    for n in range(12):
        asked = {"reqId": f"req-{n:x}", "req": {"method": "GET", "url": f"/orders/{n}"}, "msg": "incoming request"}
        answer = {"reqId": f"req-{n:x}", "res": {"statusCode": 500}, "msg": "request completed"}
        lines += [(4_000 * n + 700 * (n % 3), asked), (4_000 * n + 700 * (n % 3) + 20, answer)]
        refused = {"type": "Error", "code": "ECONNREFUSED", "message": "connect ECONNREFUSED 10.0.0.9:6379"}
        lines.append((2_000 + 5_000 * n, {"level": 50, "err": refused, "msg": "[ioredis] Unhandled error event"}))
    log = tmp_path / "api.log"
    log.write_bytes(in_order(lines))
    report = scan(find_sources([str(log)])[0], ScanOptions(code=str(tmp_path / "src"))).report
    places = {(at.what, at.file, at.line, at.via, at.candidates) for f in report.findings for at in f.locations}
    assert places == {("handles", "routes.js", 1, "code", 1), ("creates", "cache.js", 2, "code", 1)}


def test_a_tree_made_to_take_long_is_given_up_and_said(tmp_path: Path) -> None:
    line = "a" * 100 + ".get('/x'" + ";\n"
    files = {f"{i}.js": line * 8_000 for i in range(20)}
    routes = Routes(tree_of(tmp_path, files))
    started = time.monotonic()
    assert routes.find("GET", "/orders") == []
    assert routes.cut and time.monotonic() - started < 20
