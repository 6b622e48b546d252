using System.Globalization;

namespace GatewayOps.Long.Tests;

/// <summary>What a long test says on its way: in its output, which is seen at its end, and in a file of the temporary folder, which is seen meanwhile and stays.</summary>
internal sealed class Notes
{
    private readonly Lock _lock = new();
    private readonly ITestOutputHelper _output;
    private readonly string _file;

    public Notes(ITestOutputHelper output, string name)
    {
        (_output, _file) = (output, Path.Combine(Path.GetTempPath(), $"gatewayops-{name}.log"));
        File.WriteAllText(_file, "");
    }

    public void Add(string what)
    {
        lock (_lock)
        {
            var line = $"{TimeProvider.System.GetUtcNow().ToString("HH:mm:ss", CultureInfo.InvariantCulture)} {what}\n";
            File.AppendAllText(_file, line);
            _output.WriteLine(line.TrimEnd());
        }
    }
}
