using GatewayOps.Rules;
using Microsoft.AspNetCore.Http.HttpResults;

namespace GatewayOps.ControlPlane.Http;

/// <summary>
/// Refusals of the operator API: RFC 9457 problems. `type` is `urn:gatewayops:problem:{code}`, stable per code; `detail` says what, why and the fix.
/// Instance, traceId and requestId are added where the answer is written.
/// </summary>
public static class Problem
{
    public const string TypePrefix = "urn:gatewayops:problem:";

    /// <summary>A refusal of <paramref name="status"/> with its faults, each `{code, pointer, message}`, under `errors`.</summary>
    public static ProblemHttpResult Of(int status, string code, string title, string detail, IReadOnlyList<RuleSetError>? errors = null) =>
        TypedResults.Problem(
            statusCode: status,
            type: TypePrefix + code,
            title: title,
            detail: detail,
            extensions: errors is null ? null : [new("errors", errors)]);

    public static ProblemHttpResult BadRequest(string code, string detail) => Of(400, code, "The request cannot be understood", detail);

    public static ProblemHttpResult NotFound(string code, string detail) => Of(404, code, "Not found", detail);

    public static ProblemHttpResult Conflict(string code, string detail) => Of(409, code, "In conflict with the current state", detail);

    public static ProblemHttpResult Invalid(string code, string detail, IReadOnlyList<RuleSetError>? errors = null) =>
        Of(422, code, "The document is not valid", detail, errors);
}
