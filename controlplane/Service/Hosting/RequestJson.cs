using System.Text.Json.Serialization;
using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Content.Replay;
using GatewayOps.ControlPlane.Hosting.Diagnosis;
using GatewayOps.ControlPlane.Reconciliation.Api;

namespace GatewayOps.ControlPlane.Hosting;

/// <summary>
/// The types that endpoints are bound by. Routing builds all endpoints before the first answer, of models too, and each looks its types up: written by the compiler they cost that answer nothing.
/// </summary>
[JsonSerializable(typeof(DoctorAnswer))]
[JsonSerializable(typeof(ExecuteRequest))]
[JsonSerializable(typeof(HealthEndpoints.VersionAnswer))]
[JsonSerializable(typeof(ImportRequest))]
[JsonSerializable(typeof(PauseRequest))]
[JsonSerializable(typeof(PlanRequest))]
[JsonSerializable(typeof(ReconcileRequest))]
[JsonSerializable(typeof(ReplayRequest))]
[JsonSerializable(typeof(RotateTokenRequest))]
[JsonSerializable(typeof(StackImportRequest))]
internal sealed partial class RequestJson : JsonSerializerContext;
