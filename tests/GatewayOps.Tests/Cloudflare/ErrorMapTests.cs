using GatewayOps.Cloudflare;

namespace GatewayOps.Tests.Cloudflare;

public sealed class ErrorMapTests
{
    /// <summary>Contract sections 1.3, 4.1, 9, 13 and 16, row by row, as an answer on the wire would be.</summary>
    [Theory]
    [InlineData(400, 6003, "Invalid request headers", CloudflareErrorKind.Authentication)]
    [InlineData(400, 6103, "Invalid format for X-Auth-Key header", CloudflareErrorKind.Authentication)]
    [InlineData(400, 6111, "Invalid format for Authorization header", CloudflareErrorKind.Authentication)]
    [InlineData(401, 10000, "Authentication error", CloudflareErrorKind.Authentication)]
    [InlineData(403, 10000, "Authentication error", CloudflareErrorKind.Permission)]
    [InlineData(200, 10000, "Authentication error", CloudflareErrorKind.Authentication)]
    [InlineData(403, 9106, "Missing X-Auth-Key", CloudflareErrorKind.Authentication)]
    [InlineData(403, 9109, "Unauthorized to access requested resource", CloudflareErrorKind.Authentication)]
    [InlineData(401, 1001, "Invalid API Token", CloudflareErrorKind.Authentication)]
    [InlineData(404, 7003, "Could not route to /x, perhaps your object identifier is invalid?", CloudflareErrorKind.Validation)]
    [InlineData(404, 7000, "No route for that URI", CloudflareErrorKind.Validation)]
    [InlineData(400, 7001, "Required", CloudflareErrorKind.Validation)]
    [InlineData(400, 7001, "Gateway already exists", CloudflareErrorKind.AlreadyExists)]
    [InlineData(400, 7001, "Secret gw_openai_default was not found", CloudflareErrorKind.NotFound)]
    [InlineData(404, 7002, "Not Found", CloudflareErrorKind.NotFound)]
    [InlineData(200, 7002, "Not Found", CloudflareErrorKind.NotFound)]
    [InlineData(404, 7005, "Route not found", CloudflareErrorKind.NotFound)]
    [InlineData(400, 7005, "Route already exists", CloudflareErrorKind.AlreadyExists)]
    [InlineData(404, 1001, "secret_not_found", CloudflareErrorKind.NotFound)]
    [InlineData(400, 1001, "secret_scope_invalid", CloudflareErrorKind.Validation)]
    [InlineData(409, 1003, "secret_name_already_exists", CloudflareErrorKind.AlreadyExists)]
    [InlineData(400, 1003, "maximum_stores_exceeded", CloudflareErrorKind.AlreadyExists)]
    [InlineData(400, 1000, "NotFound", CloudflareErrorKind.NotFound)]
    [InlineData(400, 1000, "NO_MANUAL_TOPUP", CloudflareErrorKind.NotFound)]
    [InlineData(500, null, "UNIQUE constraint failed: routes.name", CloudflareErrorKind.AlreadyExists)]
    [InlineData(409, null, "name already exists", CloudflareErrorKind.AlreadyExists)]
    [InlineData(409, null, "store is not empty", CloudflareErrorKind.Conflict)]
    [InlineData(403, null, "spending limits are deprecated", CloudflareErrorKind.Permission)]
    [InlineData(400, null, "no code at all", CloudflareErrorKind.Validation)]
    [InlineData(401, null, "", CloudflareErrorKind.Authentication)]
    [InlineData(404, null, "", CloudflareErrorKind.NotFound)]
    [InlineData(408, null, "", CloudflareErrorKind.Timeout)]
    [InlineData(422, null, "", CloudflareErrorKind.Validation)]
    [InlineData(429, 971, "rate", CloudflareErrorKind.RateLimited)]
    [InlineData(429, 7002, "a status of 429 is never anything else", CloudflareErrorKind.RateLimited)]
    [InlineData(500, 7777, "whatever", CloudflareErrorKind.Server)]
    [InlineData(504, null, "", CloudflareErrorKind.Server)]
    [InlineData(302, null, "", CloudflareErrorKind.Protocol)]
    [InlineData(200, 4711, "unknown", CloudflareErrorKind.Validation)]
    [InlineData(400, 5007, "No such model", CloudflareErrorKind.NotFound)]
    [InlineData(400, 5004, "Invalid data", CloudflareErrorKind.Validation)]
    [InlineData(400, 3039, "Invalid", CloudflareErrorKind.Validation)]
    [InlineData(400, 3003, "Incomplete request", CloudflareErrorKind.Validation)]
    [InlineData(403, 5018, "Account not allowed", CloudflareErrorKind.Permission)]
    [InlineData(403, 5016, "Model agreement", CloudflareErrorKind.Permission)]
    [InlineData(403, 3023, "Account not allowed", CloudflareErrorKind.Permission)]
    [InlineData(403, 3041, "Account not allowed", CloudflareErrorKind.Permission)]
    [InlineData(405, 5019, "Deprecated", CloudflareErrorKind.Validation)]
    [InlineData(405, 5005, "Not supported", CloudflareErrorKind.Validation)]
    [InlineData(404, 3042, "Not found", CloudflareErrorKind.NotFound)]
    [InlineData(413, 3006, "Request too large", CloudflareErrorKind.Validation)]
    [InlineData(413, 5021, "Context window exceeded", CloudflareErrorKind.Validation)]
    [InlineData(408, 3007, "Timeout", CloudflareErrorKind.Timeout)]
    [InlineData(408, 3008, "Aborted", CloudflareErrorKind.Timeout)]
    [InlineData(429, 3036, "used up the daily free allocation of 10,000 neurons", CloudflareErrorKind.RateLimited)]
    [InlineData(429, 3040, "Out of capacity", CloudflareErrorKind.RateLimited)]
    [InlineData(404, 7003, "Model not found", CloudflareErrorKind.NotFound)]
    [InlineData(400, 2001, "Please configure AI Gateway", CloudflareErrorKind.NotFound)]
    [InlineData(429, 2041, "Spend limit exceeded", CloudflareErrorKind.RateLimited)]
    public void Find_Answer_NamesItsKind(int status, int? code, string message, CloudflareErrorKind kind) =>
        Assert.Equal(kind, ErrorMap.Find(status, [new(code, message)]).Kind);

    [Fact]
    public void Find_NoErrorsAtAll_GoesByStatus() => Assert.Equal(CloudflareErrorKind.NotFound, ErrorMap.Find(404, []).Kind);

    [Fact]
    public void Find_TwoCodes_TheFirstRowDecidesNotTheFirstError() =>
        Assert.Equal(CloudflareErrorKind.Validation, ErrorMap.Find(404, [new(7002, "Not Found"), new(7003, "Could not route")]).Kind);

    [Fact]
    public void Rows_EachOne_IsReachable() =>
        Assert.All(ErrorMap.Rows, row =>
            Assert.Same(row, ErrorMap.Find(row.Status ?? 400, row is { Code: null, Text: null } ? [] : [new(row.Code, row.Text ?? "other")])));

    [Theory]
    [InlineData(429, null, "", true)]
    [InlineData(503, null, "", true)]
    [InlineData(408, null, "", true)]
    [InlineData(400, 7001, "secret was not found", true)]
    [InlineData(404, 7002, "Not Found", false)]
    [InlineData(500, null, "UNIQUE constraint failed", false)]
    [InlineData(429, 3036, "daily neurons", false)]
    [InlineData(429, 2041, "spend limit", false)]
    [InlineData(429, 3040, "out of capacity", true)]
    [InlineData(503, 7013, "guardrail scanner unavailable", true)]
    public void Find_Answer_KnowsWhetherItPasses(int status, int? code, string message, bool passes) =>
        Assert.Equal(passes, ErrorMap.Find(status, [new(code, message)]).Passes);
}
