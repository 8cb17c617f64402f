"""Stacks as their runtimes print them: which frame is the application's, and that a whole log keeps it."""

from __future__ import annotations

import pytest

from floodscan.code.paths import Files, plain
from floodscan.decode import facts_of, read_records
from floodscan.decode.stack_frames import frames_of
from floodscan.model import Record
from floodscan.profile.example import example_of

JAVA = """java.lang.IllegalStateException: no row
\tat java.base/java.util.Optional.orElseThrow(Optional.java:403)
\tat org.springframework.dao.support.DataAccessUtils.nullableSingleResult(DataAccessUtils.java:97)
\tat com.acme.orders.OrderService$1.load(OrderService.java:88) ~[classes/:na]
\tat com.acme.orders.OrderController.get(OrderController.java:41) ~[classes/:na]
\tat java.base/java.lang.Thread.run(Thread.java:840)
Caused by: org.postgresql.util.PSQLException: the connection attempt failed
\tat org.postgresql.core.v3.ConnectionFactoryImpl.openConnectionImpl(ConnectionFactoryImpl.java:352)
\t... 23 more"""
PYTHON = """Traceback (most recent call last):
  File "/usr/local/lib/python3.11/site-packages/psycopg2/__init__.py", line 122, in connect
    conn = _connect(dsn)
psycopg2.OperationalError: connection refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/main.py", line 12, in handler
    load()
    ^^^^^^
  File "/app/orders/service.py", line 88, in load
    raise Unavailable("orders") from error
orders.errors.Unavailable: orders"""
GO = """panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x514c78]

goroutine 1612195 [running]:
panic(0x8ce5c0, 0xefdb00)
\t/usr/local/go/src/runtime/panic.go:679 +0x1b2
github.com/gorilla/websocket.(*Conn).Close(...)
\t/go/pkg/mod/github.com/gorilla/websocket@v1.4.1/conn.go:344
github.com/acme/proxy/rpc.(*Server).pipe(0xc0003cec40, 0xa03900, 0xc0000d6620)
\t/proxy/rpc/proxy.go:119 +0x3eb
main.main()
\t/proxy/main.go:31 +0x1d"""
RUBY = """NoMethodError (undefined method `head' for nil):
/usr/local/bundle/gems/activerecord-7.1.2/lib/active_record/core.rb:36:in `find'
app/controllers/logos_controller.rb:20:in `show'
/usr/local/bundle/gems/actionpack-7.1.2/lib/abstract_controller/base.rb:226:in `process_action'"""
DOTNET = """System.NullReferenceException: Object reference not set to an instance of an object.
   at Npgsql.NpgsqlConnector.Open(Int32 timeout) in /_/src/Npgsql/Internal/NpgsqlConnector.cs:line 411
   at Acme.Web.OrdersController.Get(GetParam param) in /source/Acme.Web/OrdersController.cs:line 21
   at lambda_method672(Closure, Object, Object[])
--- End of stack trace from previous location ---
   at Microsoft.AspNetCore.Mvc.Infrastructure.ControllerActionInvoker.Rethrow(ActionExecutedContextSealed context)"""
PHP = """PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in /var/www/html/vendor/acme/db/Db.php:76
Stack trace:
#0 /var/www/html/vendor/acme/db/Db.php(76): PDO->__construct()
#1 /var/www/html/app/Http/Controllers/UserController.php(192): Acme\\Db->get()
#2 [internal function]: App\\Http\\Controllers\\UserController->show()
#3 {main}
  thrown in /var/www/html/vendor/acme/db/Db.php on line 76"""
RUST = """thread 'main' (3032) panicked at src/orders.rs:12:9:
called `Option::unwrap()` on a `None` value
stack backtrace:
   0: rust_begin_unwind
             at /rustc/90b35a6239c3d8bdabc530a6a0816f7ff89a0aaf/library/std/src/panicking.rs:595:5
   3: orders::load
             at ./src/orders.rs:12:9"""
GROUP = """  + Exception Group Traceback (most recent call last):
  |   File "/usr/lib/python3.11/asyncio/runners.py", line 190, in run
  |     return runner.run(main)
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/app/gate.py", line 15, in b
    |     async def b(): load("[")
    |   File "/app/orders.py", line 6, in load
    |     except ValueError as e: raise RuntimeError("no order") from e
    | RuntimeError: no order
    +------------------------------------"""
NODE = """TypeError: Cannot read properties of null (reading 'commands')
    at node:internal/fs/promises:638:7
    at Pool.query (/app/node_modules/pg/lib/client.js:526:17)
    at file:///app/src/websocket/dashboard-handler.js:59:45
    at Array.map (<anonymous>)
    at async DashboardHandler.sendInitialData (file:///app/src/websocket/dashboard-handler.js:57:30)"""

STACKS = [
    ("java", JAVA, "com/acme/orders/OrderService.java", 88, "OrderService.load"),
    ("python", PYTHON, "/app/orders/service.py", 88, "load"),
    ("python-group", GROUP, "/app/orders.py", 6, "load"),
    ("go", GO, "/proxy/rpc/proxy.go", 119, "github.com/acme/proxy/rpc.(*Server).pipe"),
    ("ruby", RUBY, "app/controllers/logos_controller.rb", 20, "show"),
    ("dotnet", DOTNET, "/source/Acme.Web/OrdersController.cs", 21, "Acme.Web.OrdersController.Get"),
    ("php", PHP, "/var/www/html/app/Http/Controllers/UserController.php", 192, "Acme\\Db->get"),
    ("rust", RUST, "src/orders.rs", 12, None),
    ("node", NODE, "/app/src/websocket/dashboard-handler.js", 59, None),
]


@pytest.mark.parametrize(("name", "stack", "file", "line", "function"), STACKS, ids=[row[0] for row in STACKS])
def test_the_topmost_frame_is_the_applications(
    name: str, stack: str, file: str, line: int, function: str | None
) -> None:
    top = frames_of(stack)[0]
    assert (top.file, top.line, top.function, top.own) == (file, line, function, True)


@pytest.mark.parametrize(("name", "stack", "file", "line", "function"), STACKS, ids=[row[0] for row in STACKS])
def test_a_log_line_with_its_stack_below_keeps_the_frame(
    name: str, stack: str, file: str, line: int, function: str | None
) -> None:
    head = "2026-11-23 10:00:00,123 ERROR [orders] Could not load the order\n"
    data = f"{head}{stack}\n2026-11-23 10:00:01,004 INFO [orders] Order loaded\n".encode()
    records = [item for item in read_records([data], facts_of(data)) if isinstance(item, Record)]
    named = [(frame.file, frame.line) for record in records for frame in example_of(record, 0, 200).frames]
    assert named and named[0] == (file, line)
    assert records[-1].message == "Order loaded"


def test_a_frame_deeper_than_what_an_example_shows_is_kept() -> None:
    library = "".join(
        f"    at Layer.handle{i} (/app/node_modules/express/lib/layer.js:{i + 1}:5)\n" for i in range(180)
    )
    stack = f"Error: refused\\n{library}    at load (/app/src/orders.js:7:11)".replace("\n", "\\n")
    data = f'{{"level":50,"time":1764000000000,"err":{{"type":"Error","message":"refused","stack":"{stack}"}},"msg":"x"}}\n'
    record = next(item for item in read_records([data.encode()], facts_of(data.encode())) if isinstance(item, Record))
    example = example_of(record, 0, 2_000)
    assert example.error is not None and "orders.js" not in (example.error.stack or "")
    assert [(frame.file, frame.line) for frame in example.frames] == [("/app/src/orders.js", 7)]


@pytest.mark.parametrize(
    "stack",
    [
        "Error: connect ECONNREFUSED 127.0.0.1:5432\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)",
        "java.net.ConnectException: Connection refused\n\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)",
        "Error: x\n    at emit (events.js:315:20)\n    at <anonymous>",
    ],
)
def test_a_stack_of_the_runtime_alone_names_no_frame(stack: str) -> None:
    assert frames_of(stack) == ()


def test_where_there_is_no_frame_of_the_application_those_of_libraries_are_marked() -> None:
    frames = frames_of("Error: x\n    at Protocol.end (/app/node_modules/mysql/lib/Protocol.js:112:13)")
    assert [(frame.file, frame.own) for frame in frames] == [("/app/node_modules/mysql/lib/Protocol.js", False)]


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("file:///app/src/main.js", "src/main.js"),
        ("/usr/src/app/src/main.js", "src/main.js"),
        ("/workspace/main.py", "main.py"),
        ("/workspaces/api/src/main.ts", "src/main.ts"),
        ("/var/task/handler.js", "handler.js"),
        ("/home/runner/work/api/api/test/run.js", "test/run.js"),
        ("webpack-internal:///./src/pages/index.tsx", "src/pages/index.tsx"),
        ("C:\\src\\Acme\\Orders.cs", "C:/src/Acme/Orders.cs"),
        ("/home/kim/api/src/main.js", "/home/kim/api/src/main.js"),
        ("./src/orders.rs", "src/orders.rs"),
    ],
)
def test_schemes_and_the_roots_of_containers_are_left_out(printed: str, shown: str) -> None:
    assert plain(printed) == shown


@pytest.mark.parametrize(
    ("printed", "own", "found"),
    [
        ("/app/src/server.js", True, ("backend/src/server.js", True, 1)),
        ("/srv/other/place/src/server.js", True, ("backend/src/server.js", True, 1)),
        ("/app/dist/orders/load.js", True, ("backend/src/orders/load.ts", False, 1)),
        ("com/acme/orders/OrderService.java", True, ("api/src/main/java/com/acme/orders/OrderService.java", True, 1)),
        ("/app/index.js", True, ("index.js", True, 1)),
        ("/app/lib/util.js", True, ("a/lib/util.js", True, 2)),
        ("/app/src/nowhere.js", True, None),
        ("/app/node_modules/pg/src/server.js", False, None),
        ("/opt/node_modules/shop/backend/src/server.js", False, ("backend/src/server.js", True, 1)),
    ],
)
def test_a_stacks_path_is_mapped_to_the_file_it_was_built_from(
    printed: str, own: bool, found: tuple[str, bool, int] | None
) -> None:
    paths = ["backend/src/server.js", "backend/src/orders/load.ts", "index.js", "web/index.js", "a/lib/util.js"]
    paths += ["b/lib/util.js", "api/src/main/java/com/acme/orders/OrderService.java"]
    assert Files(paths, "shop").find(printed, own=own) == found
