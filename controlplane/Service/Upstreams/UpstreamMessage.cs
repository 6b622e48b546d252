using System.Net;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>What every way to a provider sends: the body, the caller's headers, and which kind of answer is wanted.</summary>
internal static class UpstreamMessage
{
    /// <param name="request">The attempt.</param>
    /// <param name="address">Where to.</param>
    /// <param name="passes">Whether a header of the caller goes along.</param>
    public static HttpRequestMessage Of(UpstreamRequest request, Uri address, Func<string, bool> passes)
    {
        var message = new HttpRequestMessage(request.Method, address)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher,
            Content = request.ContentType is { } type ? new SegmentedContent(request.Body, type) : null,
        };
        for (var i = 0; i < request.CallerHeaders.Count; i++)
        {
            if (passes(request.CallerHeaders[i].Key))
            {
                Pass(request.CallerHeaders[i].Key, request.CallerHeaders[i].Value);
            }
        }

        for (var i = 0; i < request.OwnKeys.Count; i++)
        {
            Pass(request.OwnKeys[i].Key, request.OwnKeys[i].Value);
        }

        if (request.Accept is { } accepted)
        {
            Pass("Accept", accepted);
        }
        else
        {
            message.Headers.AddText("Accept", request.Stream ? "text/event-stream" : "application/json");
        }

        return message;

        void Pass(string name, string value)
        {
#pragma warning disable RS0030 // values come from Kestrel, which refuses CR and LF
            message.Headers.TryAddWithoutValidation(name, value);
#pragma warning restore RS0030
        }
    }
}
