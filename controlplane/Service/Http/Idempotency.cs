using System.Security.Cryptography;
using System.Text;
using GatewayOps.ControlPlane.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Http;

/// <summary>
/// `Idempotency-Key` on endpoints that are marked with <see cref="IdempotencyEndpoints.Idempotent"/>: a repetition is answered by the stored answer, also after a
/// restart and by another replica. Keys are per operator. Same key with another request: 422. Still in flight: 409. Only successes are stored; after
/// anything else the key is free again. Keys are kept for 24 hours.
/// </summary>
/// <remarks>
/// "In flight" is a session lock of PostgreSQL, not a column: it ends with the process that holds it, so a killed request does not block its key. The
/// repetition then runs anew, which is safe because every operation behind such an endpoint leaves alone what is done already.
/// </remarks>
public sealed class Idempotency(RequestDelegate next, TimeProvider time)
{
    public const string KeyHeader = "Idempotency-Key";
    public const string ReplayedHeader = "idempotency-replayed";

    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    public async Task InvokeAsync(HttpContext context)
    {
        var key = context.Request.Headers[KeyHeader].ToString();
        if (key.Length == 0 || context.GetEndpoint()?.Metadata.GetMetadata<IdempotentMark>() is null)
        {
            await next(context);
            return;
        }

        if (key.Length > 255 || !key.All(c => c is > ' ' and <= '~'))
        {
            await Problem.BadRequest("idempotency_key_invalid", $"{KeyHeader} must be 1 to 255 visible ASCII characters.").ExecuteAsync(context);
            return;
        }

        var cancellationToken = context.RequestAborted;
        await using var db = await context.RequestServices.GetRequiredService<IDbContextFactory<GatewayOpsDb>>().CreateDbContextAsync(cancellationToken);
        await db.Database.OpenConnectionAsync(cancellationToken);
        var principal = context.User.Identity?.Name ?? "anonymous";
        var lockName = $"idempotency {principal} {key}";
        if (!await db.Database.SqlQuery<bool>($"""select pg_try_advisory_lock(hashtextextended({lockName}, 0)) as "Value" """).SingleAsync(cancellationToken))
        {
            await Problem.Conflict("idempotency_key_in_flight", $"A request with this {KeyHeader} is being served: wait for it, then repeat.").ExecuteAsync(context);
            return;
        }

        try
        {
            await ServeAsync(context, db, principal, key);
        }
        finally
        {
            await db.Database.ExecuteSqlAsync($"select pg_advisory_unlock(hashtextextended({lockName}, 0))", CancellationToken.None);
        }
    }

    private async Task ServeAsync(HttpContext context, GatewayOpsDb db, string principal, string key)
    {
        var cancellationToken = context.RequestAborted;
        var requestHash = await HashAsync(context.Request, cancellationToken);
        var oldest = time.GetUtcNow() - Kept;
        await db.Idempotency.Where(row => row.CreatedAt < oldest).ExecuteDeleteAsync(cancellationToken);
        var row = await db.Idempotency.SingleOrDefaultAsync(r => r.Principal == principal && r.Key == key, cancellationToken);
        if (row is not null && row.RequestHash != requestHash)
        {
            await Reused().ExecuteAsync(context);
            return;
        }

        if (row is { Status: { } status, Body: { } body })
        {
            await ReplayAsync(context, status, body);
            return;
        }

        if (row is null)
        {
            row = new IdempotencyRow { Principal = principal, Key = key, RequestHash = requestHash, CreatedAt = time.GetUtcNow() };
            db.Idempotency.Add(row);
            await db.SaveChangesAsync(cancellationToken);
        }

        await RunAsync(context, db, row);
    }

    private async Task RunAsync(HttpContext context, GatewayOpsDb db, IdempotencyRow row)
    {
        var wire = context.Response.Body;
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        try
        {
            await next(context);
            row.Status = context.Response.StatusCode;
        }
        finally
        {
            context.Response.Body = wire;
            row.Body = answer.ToArray();
            if (row.Status is null or < 200 or > 299)
            {
                db.Idempotency.Remove(row);
            }

            // Not the caller's token: what was done is recorded, even when nobody waits for the answer any more.
            await db.SaveChangesAsync(CancellationToken.None);
        }

        await wire.WriteAsync(row.Body, context.RequestAborted);
    }

    private static async Task ReplayAsync(HttpContext context, int status, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.Headers[ReplayedHeader] = "true";
        if (body.Length > 0)
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    /// <summary>Everything that decides what the request does; the body is read here and put back for the endpoint.</summary>
    private static async Task<string> HashAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        request.HttpContext.Response.RegisterForDispose(body);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n{request.Headers.IfMatch}\n{request.Headers.IfNoneMatch}\n"));
        hash.AppendData(body.GetBuffer().AsSpan(0, (int)body.Length));
        body.Position = 0;
        request.Body = body;
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static ProblemHttpResult Reused() =>
        Problem.Of(422, "idempotency_key_reused", "The key belongs to another request", $"This {KeyHeader} was used for a different request: make a new key for each.");

    internal sealed class IdempotentMark;
}

public static class IdempotencyEndpoints
{
    /// <summary>Lets callers of this endpoint send an Idempotency-Key.</summary>
    public static TBuilder Idempotent<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new Idempotency.IdempotentMark());
}
