using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Access;

/// <summary>
/// The policies that are declared. Not kept per endpoint: the framework's cache builds all endpoints at the start to have places for them, and the proxy would not listen before that. Operators
/// ask seldom enough for a policy to be put together each time.
/// </summary>
internal sealed class OperatorPolicies(IOptions<AuthorizationOptions> options) : DefaultAuthorizationPolicyProvider(options)
{
    public override bool AllowsCachingPolicies => false;
}
