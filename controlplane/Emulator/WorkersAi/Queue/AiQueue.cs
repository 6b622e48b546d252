using System.Text.Json;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;
using GatewayOps.Emulator.Upstreams.Simulation;
using GatewayOps.Emulator.WorkersAi.Running;

namespace GatewayOps.Emulator.WorkersAi.Queue;

/// <summary>`?queueRequest=true`: many requests in one, answered later (contract section 16).</summary>
public sealed class AiQueue(AiRunner runner, EmulatorOptions options, EmulatorClock clock)
{
    /// <summary>10 MB for all requests of a batch.</summary>
    public const int MostBytes = 10 * 1024 * 1024;

    /// <summary>Queues what is in `requests`, or polls the batch that `request_id` names. The JSON of `result`.</summary>
    /// <exception cref="AiFailedException">The model takes none, or the body is not one of the two.</exception>
    public byte[] Answer(AiInput input, WorkersAiState account)
    {
        if (input.Raw.Length > MostBytes)
            throw new AiFailedException(AiFailure.TooLarge);
        try
        {
            return input.Fields.Text("request_id") is { } id ? Poll(input, account, id) : Queue(input, account);
        }
        catch (RefusedException refused)
        {
            throw new AiFailedException(AiFailure.BadInput(options.Assumptions.WorkersAiBadInputCode, refused.Message));
        }
    }

    private byte[] Queue(AiInput input, WorkersAiState account)
    {
        if (!input.Model.IsQueueable)
            throw new RefusedException($"the model {input.Model.Name} does not support the asynchronous queue");
        var requests = input.Fields.Objects("requests").ToArray();
        if (requests.Length == 0)
            throw input.Fields.Missing("requests");
        var batch = account.Batches.Add(input.Model.Name, Results(input, requests, account));
        return State(batch, options.Assumptions.BatchQueuedStatus);
    }

    private byte[] Poll(AiInput input, WorkersAiState account, string id)
    {
        if (account.Batches.Find(id) is not { } batch || batch.Model != input.Model.Name)
            throw new RefusedException($"there is no batch '{id}' of the model {input.Model.Name}");
        var waited = clock.GetUtcNow() - batch.QueuedAt;
        if (waited >= options.BatchDelay)
            return batch.Result;
        return State(batch, waited < options.BatchDelay / 2 ? options.Assumptions.BatchQueuedStatus : options.Assumptions.BatchRunningStatus);
    }

    private static byte[] State(AiBatch batch, string status) => WireJson.Bytes((batch, status), static (json, one) =>
    {
        json.WriteStartObject();
        json.WriteString("status"u8, one.status);
        json.WriteString("request_id"u8, one.batch.Id);
        json.WriteString("model"u8, one.batch.Model);
        json.WriteEndObject();
    });

    private byte[] Results(AiInput input, Fields[] requests, WorkersAiState account)
    {
        var (tokensIn, tokensOut) = (0, 0);
        using var written = new MemoryStream();
        using (var json = new Utf8JsonWriter(written, WireJson.Writing))
        {
            json.WriteStartObject();
            json.WriteStartArray("responses"u8);
            for (var index = 0; index < requests.Length; index++)
            {
                json.WriteStartObject();
                json.WriteNumber("id"u8, index);
                try
                {
                    var raw = requests[index].Value.GetRawText();
                    var outcome = runner.Run(new AiInput(input.Model, requests[index], default, Fingerprint.Of(raw), input.Now), account);
                    tokensIn += outcome.Tokens.In;
                    tokensOut += outcome.Tokens.Out;
                    json.WritePropertyName("result"u8);
                    json.WriteRawValue(outcome.Json ?? "{}"u8, skipInputValidation: true);
                    json.WriteBoolean("success"u8, true);
                }
                catch (AiFailedException failed)
                {
                    // One that fails does not spoil the others.
                    json.WriteString("error"u8, failed.Failure.Description);
                    json.WriteBoolean("success"u8, false);
                }
                json.WriteTextOrNull("external_reference"u8, requests[index].Text("external_reference"));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartObject("usage"u8);
            json.WriteNumber("prompt_tokens"u8, tokensIn);
            json.WriteNumber("completion_tokens"u8, tokensOut);
            json.WriteNumber("total_tokens"u8, tokensIn + tokensOut);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return written.ToArray();
    }
}
