using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace GatewayOps.Cli.Batch;

/// <summary>What a prompt is to begin with, by the prompt itself or by its id: a JSON object of texts. Source: checklist S4-06; the prefix memory of agent-distillation, which is `{question: prefix}`.</summary>
public sealed class PrefixMemory
{
    // The one thing of a run that is whole in memory.
    private const long Largest = 64 * 1024 * 1024;

    private readonly Dictionary<string, string> _prefixes;

    private PrefixMemory(Dictionary<string, string> prefixes, string hash) => (_prefixes, Hash) = (prefixes, hash);

    /// <summary>The SHA-256 of the file, in hexadecimal: other prefixes make other answers.</summary>
    public string Hash { get; }

    public int Count => _prefixes.Count;

    /// <summary>Where it is looked for when nobody says: `prompts.prefix.json` beside `prompts.jsonl`.</summary>
    public static string Beside(string input) => Path.ChangeExtension(input, ".prefix.json");

    /// <summary>Null where there is no such file. Throws <see cref="CliException"/> for one that is no prefix memory.</summary>
    public static async Task<PrefixMemory?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        const string next = """give {"prompt or id": "prefix", …} with --prefix-file, or leave --use-prefix out""";
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > Largest })
            {
                throw new CliException($"The prefix memory {path} is larger than {Largest / 1024 / 1024} MiB.", next);
            }

            var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
            var text = bytes.AsSpan().StartsWith(System.Text.Encoding.UTF8.Preamble) ? bytes.AsSpan(System.Text.Encoding.UTF8.Preamble.Length) : bytes;
            return JsonSerializer.Deserialize<Dictionary<string, string?>>(text) is { } prefixes && !prefixes.ContainsValue(null)
                ? new PrefixMemory(prefixes!, Convert.ToHexStringLower(SHA256.HashData(bytes)))
                : throw new CliException($"The prefix memory {path} has a prefix that is no text.", next);
        }
        catch (JsonException e)
        {
            throw new CliException($"The prefix memory {path} is no JSON object of texts: {BatchItems.Plain(e)}.", next);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The prefix memory {path} cannot be read: {e.Message}", next);
        }
    }

    /// <summary>The messages, of which the last one begins with its prefix; as they are where there is none.</summary>
    public IReadOnlyList<ChatMessage> Begin(BatchItem item)
    {
        var last = item.Messages[^1];
        if (!_prefixes.TryGetValue(last.Text, out var prefix) && !_prefixes.TryGetValue(item.IdText, out prefix))
        {
            return item.Messages;
        }

        List<AIContent> contents = [.. last.Contents];
        var first = contents.FindIndex(content => content is TextContent);
        if (first < 0)
        {
            contents.Insert(0, new TextContent(prefix));
        }
        else
        {
            contents[first] = new TextContent(prefix + ((TextContent)contents[first]).Text);
        }

        return [.. item.Messages.SkipLast(1), new ChatMessage(last.Role, contents)];
    }
}
