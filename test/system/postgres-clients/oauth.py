# A client of libpq 18 that brings its token by OAUTHBEARER, as applications do that have one: by the hook for tokens.
# Arguments: the library, the conninfo, a file with the token, a query.
import ctypes
import sys

library, conninfo, token_file, query = sys.argv[1:]
pq = ctypes.CDLL(library)
pq.PQconnectdb.restype = ctypes.c_void_p
for name in ("PQerrorMessage", "PQresultErrorMessage", "PQgetvalue"):
    getattr(pq, name).restype = ctypes.c_char_p
pq.PQexec.restype = ctypes.c_void_p

BEARER_TOKEN = 1


class BearerRequest(ctypes.Structure):
    _fields_ = [
        ("openid_configuration", ctypes.c_char_p),
        ("scope", ctypes.c_char_p),
        ("async_", ctypes.c_void_p),
        ("cleanup", ctypes.c_void_p),
        ("token", ctypes.c_char_p),
        ("user", ctypes.c_void_p),
    ]


token = ctypes.create_string_buffer(open(token_file, "rb").read().strip())


@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
def hook(kind, connection, data):
    if kind != BEARER_TOKEN:
        return 0
    request = ctypes.cast(data, ctypes.POINTER(BearerRequest)).contents
    print("asked for a token of", request.openid_configuration.decode(), "with", request.scope.decode())
    request.token = ctypes.cast(token, ctypes.c_char_p)
    return 1


pq.PQsetAuthDataHook(hook)
connection = ctypes.c_void_p(pq.PQconnectdb(conninfo.encode()))
if pq.PQstatus(connection) != 0:
    print(pq.PQerrorMessage(connection).decode().strip())
    sys.exit(1)
result = ctypes.c_void_p(pq.PQexec(connection, query.encode()))
if pq.PQresultStatus(result) != 2:
    print(pq.PQresultErrorMessage(result).decode().strip())
    sys.exit(2)
print("answer", pq.PQgetvalue(result, 0, 0).decode())
