namespace GatewayOps.Emulator.Management;

/// <summary>Why a request does not get to its endpoint. It answers in the envelope by itself; an API with another error shape reads status and errors.</summary>
public sealed record Refusal(int Status, params IReadOnlyList<ApiError> Errors) : IResult, IStatusCodeHttpResult
{
    public static readonly Refusal Unauthenticated = new(StatusCodes.Status401Unauthorized, new ApiError(10000, "Authentication error"));

    /// <summary>The credential is good and may not do this.</summary>
    public static readonly Refusal NotGranted = new(StatusCodes.Status403Forbidden, new ApiError(10000, "Authentication error"));

    public static readonly Refusal NoCredentials =
        new(StatusCodes.Status401Unauthorized, new ApiError(9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers"));

    public static readonly Refusal WrongCredentials =
        new(StatusCodes.Status403Forbidden, new ApiError(9109, "Unauthorized to access requested resource"));

    int? IStatusCodeHttpResult.StatusCode => Status;

    /// <summary>400 with 6003 and its reason below it.</summary>
    public static Refusal MalformedHeader(int code, string message) =>
        new(StatusCodes.Status400BadRequest, new ApiError(6003, "Invalid request headers") { Chain = [new ApiError(code, message)] });

    public Task ExecuteAsync(HttpContext httpContext) => Envelope.Failure(Status, Errors).ExecuteAsync(httpContext);
}
