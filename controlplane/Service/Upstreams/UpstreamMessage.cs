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
            Version = new Version(1, 1),
            VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher,
            Content = request.ContentType is { } type ? new SegmentedContent(request.Body, type) : null,
        };
        foreach (var (name, value) in request.CallerHeaders)
        {
            if (passes(name))
            {
                Pass(name, value);
            }
        }

        foreach (var (name, value) in request.OwnKeys)
        {
            Pass(name, value);
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
