using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GatewayOps.ControlPlane.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace GatewayOps.ControlPlane.Http;

/// <summary>
/// `Idempotency-Key` on endpoints that are marked with <see cref="IdempotencyEndpoints.Idempotent"/>: a repetition is answered by the stored answer, also after a
/// restart and by another replica. Keys are per operator. Same key with another request: 422. Still in flight: 409. Only successes are stored; after
/// anything else the key is free again. Keys are kept for 24 hours.
/// </summary>
/// <remarks>
/// "In flight" is a session lock of PostgreSQL, not a column: it ends with the process that holds it, so a killed request does not block its key. The
/// repetition then runs anew, which is safe because every operation behind such an endpoint leaves alone what is done already, or stores its answer in its own
/// transaction (<see cref="IdempotencyEndpoints.StoreAnswerAsync"/>).
/// </remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "A middleware lives as long as the process, and nobody would dispose it.")]
public sealed class Idempotency(RequestDelegate next, TimeProvider time, NpgsqlDataSource source)
{
    public const string KeyHeader = "Idempotency-Key";
    public const string ReplayedHeader = "idempotency-replayed";

    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    // Each holds a connection while its operation takes others: without a bound, as many as the pool has would wait for each other.
    private readonly SemaphoreSlim _places = new(Math.Max(1, new NpgsqlConnectionStringBuilder(source.ConnectionString).MaxPoolSize / 4));

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

        await _places.WaitAsync(context.RequestAborted);
        try
        {
            await LockAsync(context, key);
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task LockAsync(HttpContext context, string key)
    {
        var cancellationToken = context.RequestAborted;
        await using var db = await context.RequestServices.GetRequiredService<IDbContextFactory<GatewayOpsDb>>().CreateDbContextAsync(cancellationToken);
        await db.Database.OpenConnectionAsync(cancellationToken);
        // Not the name: another operator may bear it after this one.
        var principal = context.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? "anonymous";
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
        var slot = new AnswerSlot(row.Principal, row.Key);
        context.Features.Set(slot);
        var isDone = false;
        try
        {
            await next(context);
            isDone = context.Response.StatusCode is >= 200 and <= 299;
        }
        finally
        {
            context.Response.Body = wire;
            if (!isDone)
            {
                db.Idempotency.Remove(row);
            }
            else if (!slot.IsFilled)
            {
                (row.Status, row.Body) = (context.Response.StatusCode, answer.ToArray());
            }

            // Not the caller's token: what was done is recorded, even when nobody waits for the answer any more.
            await db.SaveChangesAsync(CancellationToken.None);
        }

        await wire.WriteAsync(answer.GetBuffer().AsMemory(0, (int)answer.Length), context.RequestAborted);
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

    /// <summary>Where the answer of the request in hand is kept.</summary>
    internal sealed record AnswerSlot(string Principal, string Key)
    {
        public bool IsFilled { get; set; }
    }
}

public static class IdempotencyEndpoints
{
    /// <summary>Lets callers of this endpoint send an Idempotency-Key.</summary>
    public static TBuilder Idempotent<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new Idempotency.IdempotentMark());

    /// <summary>
    /// Keeps what a repetition of this request is answered, in the transaction of the change: for what must not be done twice, and for answers with a secret, which is left out of
    /// <paramref name="answer"/> because it is not to be stored. Does nothing for a request without an Idempotency-Key.
    /// </summary>
    public static async Task StoreAnswerAsync<TAnswer>(this HttpContext context, GatewayOpsDb db, int status, TAnswer answer, CancellationToken cancellationToken)
    {
        if (context.Features.Get<Idempotency.AnswerSlot>() is not { } slot)
        {
            return;
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(answer, context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions);
        await db.Idempotency.Where(row => row.Principal == slot.Principal && row.Key == slot.Key)
            .ExecuteUpdateAsync(row => row.SetProperty(kept => kept.Status, status).SetProperty(kept => kept.Body, body), cancellationToken);
        slot.IsFilled = true;
    }
}
