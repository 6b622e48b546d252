namespace GatewayOps.ControlPlane.Hosting.Diagnosis;

/// <summary>One thing that the product needs. <paramref name="Ok"/> null: not checked, and <paramref name="Detail"/> says why. <paramref name="Fix"/>: what to do when it fails.</summary>
public sealed record DoctorCheck(string Name, bool? Ok, string Detail, string? Fix = null)
{
    public static DoctorCheck Passed(string name, string detail) => new(name, true, detail);

    public static DoctorCheck Failed(string name, string detail, string fix) => new(name, false, detail, fix);

    public static DoctorCheck NotChecked(string name, string why) => new(name, null, $"not checked: {why}");
}
