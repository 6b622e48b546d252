using System.Text;
using GatewayOps.ControlPlane.Proxy.Dialects;
using GatewayOps.ControlPlane.Usage;

namespace GatewayOps.Tests.Proxy;

/// <summary>One answer of each dialect, as a provider streams it and as it gives it whole; both tell the same tokens.</summary>
internal sealed record RecordedAnswer(string Name, Dialect Dialect, string Stream, string Whole, TokenUsage Tokens)
{
    private const string ChatHead =
        """
        {"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m"
        """;

    private const string ChatUsage =
        """{"prompt_tokens":19,"completion_tokens":4,"total_tokens":23,"prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":1}}""";

    private const string ChatStream =
        "data: " + ChatHead + ""","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}""" + "\n\n"
        + "data: " + ChatHead + ""","choices":[{"index":0,"delta":{"content":"é 🦊 data: [DONE]\n\n"},"finish_reason":null}],"usage":null}""" + "\n\n"
        + "data: " + ChatHead + ""","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}""" + "\n\n"
        + "data: " + ChatHead + ""","choices":[],"usage":""" + ChatUsage + "}\n\ndata: [DONE]\n\n";

    public static RecordedAnswer Chat { get; } = new(
        "chat", Dialect.Chat, ChatStream,
        """{"id":"chatcmpl-1","object":"chat.completion","created":7,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"é 🦊"},"finish_reason":"stop"}],"usage":""" + ChatUsage + "}",
        new TokenUsage(19, 4, 8, 1));

    public static RecordedAnswer Completions { get; } = new(
        "completions", Dialect.Completions,
        """
        data: {"id":"cmpl-1","object":"text_completion","created":7,"model":"m","choices":[{"text":"é 🦊","index":0,"logprobs":null,"finish_reason":null}]}

        data: {"id":"cmpl-1","object":"text_completion","created":7,"model":"m","choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"length"}]}

        data: {"id":"cmpl-1","object":"text_completion","created":7,"model":"m","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}

        data: [DONE]


        """.ReplaceLineEndings("\n"),
        """{"id":"cmpl-1","object":"text_completion","choices":[{"text":"é 🦊","index":0,"finish_reason":"length"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}""",
        new TokenUsage(5, 2));

    public static RecordedAnswer Messages { get; } = new(
        "messages", Dialect.Messages,
        """
        event: message_start
        data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":9,"cache_creation_input_tokens":3,"cache_read_input_tokens":5,"output_tokens":1}}}

        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

        event: ping
        data: {"type":"ping"}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"é 🦊 message_stop"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":0}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":6}}

        event: message_stop
        data: {"type":"message_stop"}


        """.ReplaceLineEndings("\n"),
        """{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"é 🦊"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"cache_creation_input_tokens":3,"cache_read_input_tokens":5,"output_tokens":6}}""",
        new TokenUsage(17, 6, 5) { CacheWrites = 3 });

    public static RecordedAnswer Responses { get; } = new(
        "responses", Dialect.Responses,
        """
        event: response.created
        data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","status":"in_progress","error":null,"output":[],"usage":null}}

        event: response.output_text.delta
        data: {"type":"response.output_text.delta","sequence_number":1,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"é 🦊 response.completed"}

        event: response.completed
        data: {"type":"response.completed","sequence_number":2,"response":{"id":"resp_1","object":"response","status":"completed","error":null,"output":[],"usage":{"input_tokens":11,"input_tokens_details":{"cached_tokens":2},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":18}}}


        """.ReplaceLineEndings("\n"),
        """{"id":"resp_1","object":"response","status":"completed","error":null,"output":[],"usage":{"input_tokens":11,"input_tokens_details":{"cached_tokens":2},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":18}}""",
        new TokenUsage(11, 7, 2, 3));

    public static RecordedAnswer WorkersAi { get; } = new(
        "workers-ai", Dialect.WorkersAi,
        """
        data: {"response":"é 🦊","p":"abc"}

        data: {"response":"","usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}

        data: [DONE]


        """.ReplaceLineEndings("\n"),
        """{"response":"é 🦊","usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}""",
        new TokenUsage(3, 2));

    /// <summary>A text completion by a provider that has only chat: the bytes of <see cref="Chat"/>, told as another dialect.</summary>
    public static RecordedAnswer ThroughChat { get; } = Chat with { Name = "completions through chat", Translate = Dialect.Completions.StandIn!.Event };

    public static IReadOnlyList<RecordedAnswer> All { get; } = [Chat, Completions, Messages, Responses, WorkersAi, ThroughChat];

    public static TheoryData<string> Names => [.. All.Select(answer => answer.Name)];

    public Func<ReadOnlyMemory<byte>, byte[]>? Translate { get; init; }

    public byte[] Bytes => Encoding.UTF8.GetBytes(Stream);

    public static RecordedAnswer Of(string name) => All.Single(answer => answer.Name == name);
}
