using System.Net.Sockets;
using GatewayOps.ControlPlane.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Npgsql;

namespace GatewayOps.ControlPlane.Hosting;

/// <summary>Turns what may go wrong at start-up into one line: what is wrong, and the fix.</summary>
public static class StartFailure
{
    /// <summary>The line for <paramref name="exception"/>; null for a fault of ours, which deserves its stack trace.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        StartException known => known.Message,
        StorageUnavailableException database => database.Message,
        OptionsValidationException options => string.Join("; ", options.Failures.Select(WithoutMember)),
        AggregateException { InnerExceptions: var inner } when inner.All(e => e is OptionsValidationException) =>
            string.Join("; ", inner.Cast<OptionsValidationException>().SelectMany(e => e.Failures).Select(WithoutMember)),
        IOException { InnerException: AddressInUseException } inUse =>
            $"{AddressIn(inUse.Message)} is in use by another program: stop that program, or choose another port with --urls",
        SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            "This user may not listen on the configured port: choose a port from 1024 up with --urls",
        InvalidDataException { InnerException: { } cause } data => $"{data.Message.TrimEnd('.')}: {cause.GetBaseException().Message}",
        InvalidOperationException { Message: var message } when message.StartsWith("Failed to convert configuration value", StringComparison.Ordinal) =>
            $"{message.TrimEnd('.')}: correct the setting",
        InvalidOperationException { InnerException: null, Message: var message } when message.Contains("ErrorOnUnknownConfiguration", StringComparison.Ordinal) =>
            $"A setting is not known: {message[(message.IndexOf("instance of", StringComparison.Ordinal) + "instance of ".Length)..]}; correct its name or remove it",
        PostgresException refused => $"PostgreSQL refuses the service ({refused.SqlState} {refused.MessageText}): correct ConnectionStrings:GatewayOps",
        NpgsqlException unreachable => $"PostgreSQL does not answer ({unreachable.GetBaseException().Message}): start it, or correct ConnectionStrings:GatewayOps",
        { InnerException: { } inner } => Explain(inner),
        _ => null,
    };

    // Generated validators put the member's name before the message, which names the whole setting by itself.
    internal static string WithoutMember(string failure) =>
        failure.IndexOf(": GatewayOps:", StringComparison.Ordinal) is > 0 and var colon ? failure[(colon + 2)..] : failure;

    // Kestrel: "Failed to bind to address http://127.0.0.1:8787: address already in use."
    private static string AddressIn(string message)
    {
        var start = message.IndexOf("http", StringComparison.Ordinal);
        var end = start < 0 ? -1 : message.IndexOf(": ", start, StringComparison.Ordinal);
        return end < 0 ? "The address" : message[start..end];
    }
}
