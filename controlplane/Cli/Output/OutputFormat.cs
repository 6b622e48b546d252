namespace GatewayOps.Cli.Output;

/// <summary>How a verb prints its data: `-o table|json|yaml|name`; `--format` is an alias.</summary>
public enum OutputFormat
{
    Table,
    Json,
    Yaml,
    Name,
}
