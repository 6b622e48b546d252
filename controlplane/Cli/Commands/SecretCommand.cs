using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using GatewayOps.Cli.ControlPlane;
using GatewayOps.Cli.Output;
using GatewayOps.ControlPlane.Hosting;

namespace GatewayOps.Cli.Commands;

/// <summary>
/// `secret put`: a secret of the service itself, where a service that is started here reads it: in Vault where settings lie there, else in `.env`. Source: checklist S1-12, S2-24. Keys of a gateway are
/// `keys put`.
/// </summary>
public static class SecretCommand
{
    private const string Vault = "vault", File = "env-file";

    // Settings that hold secrets, and the account, which lies beside its token.
    private static readonly string[] Secrets = ["AccountId", "ApiToken", "GatewayToken", "AuthToken", "ApiKey", "Token"];

    private static readonly Table Stored = new("", "name", "", Column.Of("name", "name"), Column.Of("stored in", "storedIn"));

    public static Command Build(Shell shell) => new("secret", "Secrets of a service that is started here: put.") { Put(shell) };

    /// <summary>The names that there are.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. EnvironmentNames.Table.Where(row => Secrets.Contains(row.Setting.Split(':')[^1])).Select(row => row.Name)];

    /// <summary>The lines of a file of variables with one more, or another value in the place of its name. Pure.</summary>
    public static IReadOnlyList<string> With(IReadOnlyList<string> lines, string name, string value)
    {
        // What begins like a quote or holds a comment would be read as one.
        var quoted = value.Contains(" #", StringComparison.Ordinal) || value[0] is '"' or '\'' ? $"\"{value}\"" : value;
        return [.. lines.Where(line => NameOf(line) != name), $"{name}={quoted}"];
    }

    private static Command Put(Shell shell)
    {
        var name = new Argument<string>("name") { Description = "Variable of the secret, as OPENAI_API_KEY, AUTH_TOKEN or CLOUDFLARE_API_TOKEN." };
        name.CompletionSources.Add([.. Names]);
        var variable = new Option<string?>("--from-env") { Description = "Environment variable that holds the secret, in the place of stdin.", HelpName = "variable" };
        var file = new Option<string?>("--from-file") { Description = "File that holds the secret, in the place of stdin.", HelpName = "path" };
        var to = new Option<string?>("--to") { Description = $"Where: {Vault} (key/value engine 2, named by GATEWAYOPS_VAULT_PATH) or {File} (.env of the working folder, owner-only); default: Vault where GATEWAYOPS_VAULT_PATH is set." }.AcceptOnlyFromAmong(Vault, File);
        var verb = new Command("put", "Store a secret where a service that is started here reads it: in Vault, or in .env. The value comes from stdin.") { name, variable, file, to };
        shell.Runs(verb, async (parse, cancellationToken) =>
        {
            var asked = parse.GetRequiredValue(name);
            var known = Names.FirstOrDefault(known => known == asked) ?? throw new CliException(
                $"{PlainText.Line(asked)} is no secret of the service.", $"one of {string.Join(", ", Names)}; keys of a gateway: gatewayops keys put --gateway ID --provider NAME");
            var secret = await Input.SecretAsync(shell.Surroundings.Variables, parse.GetValue(variable), parse.GetValue(file), cancellationToken);
            if (secret.Any(char.IsControl))
            {
                throw new CliException("A secret is one line without control characters.", "give the value alone");
            }

            var inVault = (parse.GetValue(to) ?? (VaultSecrets.IsConfigured(shell.Surroundings.Variables) ? Vault : File)) == Vault;
            var place = inVault ? PutIntoVault(shell.Surroundings, known, secret) : PutIntoFile(Path.Combine(shell.Surroundings.Folder, ".env"), known, secret);
            var writer = shell.Writer(parse);
            writer.Write(new JsonObject { ["name"] = known, ["storedIn"] = place }, Stored);
            writer.Message(!inVault && shell.Surroundings.Variables.GetValueOrDefault(known) is { Length: > 0 }
                ? $"warning: the environment has {known}, too, and wins\nnext:  unset {known}, then start the service anew"
                : "next:  start the service anew: it reads its settings at the start");
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static string PutIntoVault(Surroundings surroundings, string name, string secret)
    {
        try
        {
            VaultSecrets.Put(surroundings.Variables, name, secret);
            return $"Vault, {surroundings.Variables[VaultSecrets.PathVariable]}";
        }
        catch (StartException e)
        {
            throw new CliException(e.Message, $"put the setting right, or --to {File}");
        }
    }

    private static string PutIntoFile(string path, string name, string secret)
    {
        try
        {
            var lines = With(System.IO.File.Exists(path) ? System.IO.File.ReadAllLines(path) : [], name, secret);
            PrivateFile.Replace(path, Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path} cannot be written: {e.Message}", "run this in a folder that you may write to");
        }
    }

    private static string? NameOf(string line)
    {
        var text = line.Trim();
        text = text.StartsWith("export ", StringComparison.Ordinal) ? text["export ".Length..] : text;
        return text.IndexOf('=') is > 0 and var equals && text[0] != '#' ? text[..equals].Trim() : null;
    }
}
