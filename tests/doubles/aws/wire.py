"""What one request asks of AWS, and answers in that service's own wire protocol.

Requests are matched, parsed and answered by the service models of botocore, through moto's server-side
half of them (`moto.core.routing`, `parse`, `serialize`), so that no protocol is written down a second time.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

from botocore.awsrequest import HeadersDict
from botocore.exceptions import UnknownServiceError
from botocore.parsers import create_parser
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.core.utils import get_service_model
from moto.iam.models import get_account_id_from
from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moto.core.model import OperationModel

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")

# Where the name in the signature is not the name of the client in boto3.
_CLIENT_OF_SIGNING_NAME = {
    "access-analyzer": "accessanalyzer",
    "elasticfilesystem": "efs",
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "sso": "sso-admin",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as it goes on the wire; the three last fields are how a faulty network is expressed."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    wait_seconds: float = 0.0
    promised_length: int | None = None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One request: who asks which operation of which service; names are "" where they cannot be told."""

    environ: dict[str, Any] = field(repr=False)
    body: bytes = field(repr=False)
    service: str = ""
    operation: str = ""
    account: str = ""
    region: str = ""
    protocol: str = ""
    path_parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Path, query and body as one readable string, for a fault rule to look for a name in."""
        target = f"{self.environ.get('PATH_INFO', '')}?{self.environ.get('QUERY_STRING', '')}"
        return unquote_plus(f"{target}\n{self.body.decode('utf-8', 'replace')}")

    @property
    def model(self) -> OperationModel:
        """The operation's model in botocore."""
        model: OperationModel = get_service_model(self.service).operation_model(self.operation)
        return model

    def fresh_environ(self) -> dict[str, Any]:
        """The WSGI environment with an unread body, since every reader consumes it."""
        length = str(len(self.body))
        return {**self.environ, "wsgi.input": io.BytesIO(self.body), "CONTENT_LENGTH": length}


def read_call(environ: dict[str, Any], body: bytes) -> Call:
    """Tell from signature, headers, form and path what is asked."""
    call = Call(environ, body)
    credential = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    if credential is None:
        return call
    access_key, region, signing_name = credential.groups()
    service = _CLIENT_OF_SIGNING_NAME.get(signing_name, signing_name)
    if service == "s3" and environ.get("PATH_INFO", "").startswith("/v20180820/"):
        service = "s3control"
    call = replace(call, service=service, region=region, account=get_account_id_from(access_key))
    try:
        model = get_service_model(service)
        protocol = determine_request_protocol(model, environ.get("CONTENT_TYPE"))
        operation, path_parameters = get_service_router(service).match(Request(call.fresh_environ()))
    except (UnknownServiceError, HTTPException, NotImplementedError):
        return call
    return replace(call, operation=operation.name, protocol=protocol, path_parameters=path_parameters)


def parameters(call: Call) -> dict[str, Any]:
    """The operation's input, by the member names boto3 uses."""
    request = Request(call.fresh_environ())
    values = request.values
    # moto's parsers carry no types of their own.
    parsed: dict[str, Any] = PROTOCOL_PARSERS[call.protocol](call.model).parse(
        {
            "method": request.method,
            "values": values,
            "headers": request.headers,
            "body": call.body,
            "url_path": request.path,
            "url_params": dict(call.path_parameters),
        }
    )
    return parsed


def encode(call: Call, result: Mapping[str, Any]) -> Answer:
    """Answer with an output written in boto3's terms."""
    serializer = get_serializer_class(call.service, call.protocol)
    response = serializer(call.model, SerializationContext("double-request")).serialize(dict(result))
    body = response["body"]
    return Answer(
        response["status_code"],
        body.encode() if isinstance(body, str) else bytes(body),
        tuple((name, str(value)) for name, value in response["headers"].items()),
    )


def decode(call: Call, answer: Answer) -> dict[str, Any]:
    """Read an answer as boto3 would; for answers below 300 only."""
    response = {
        "status_code": answer.status,
        "headers": HeadersDict(dict(answer.headers)),
        "body": answer.body,
    }
    parsed: dict[str, Any] = create_parser(call.protocol).parse(response, call.model.output_shape)
    parsed.pop("ResponseMetadata", None)
    return parsed


def with_input(call: Call, changes: Mapping[str, str | None]) -> Call:
    """The same call with top-level input members set, or left out where the value is None."""
    if call.protocol == "json":
        body = json.loads(call.body or b"{}")
        return replace(call, body=json.dumps(_changed(body, changes)).encode())
    if call.protocol in {"query", "ec2"}:
        form = dict(parse_qsl(call.body.decode(), keep_blank_values=True))
        return replace(call, body=urlencode(_changed(form, changes)).encode())
    members = call.model.input_shape.members
    places = {name: members[name].serialization for name in changes}
    in_body = {places[name].get("name", name): changes[name] for name in changes if "location" not in places[name]}
    if in_body and call.protocol == "rest-json":
        body = json.loads(call.body or b"{}")
        call = replace(call, body=json.dumps(_changed(body, in_body)).encode())
    in_query = {places[name]["name"]: changes[name] for name in changes if "location" in places[name]}
    query = dict(parse_qsl(call.environ.get("QUERY_STRING", ""), keep_blank_values=True))
    return replace(call, environ={**call.environ, "QUERY_STRING": urlencode(_changed(query, in_query))})


def _changed(values: Mapping[str, Any], changes: Mapping[str, str | None]) -> dict[str, Any]:
    kept = {name: value for name, value in values.items() if name not in changes}
    return kept | {name: value for name, value in changes.items() if value is not None}
