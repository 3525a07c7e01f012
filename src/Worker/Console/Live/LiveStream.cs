namespace VoiceWorker.WebConsole.Live;

/// <summary><c>/live</c>: server-sent events that say "look again", a few seconds apart. What there is to see, a page
/// asks for itself, as somebody would who reloads it.</summary>
internal static class LiveStream
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(2);

    /// <summary>Maps it.</summary>
    public static void MapLive(this IEndpointRouteBuilder console) => console.MapGet("/live", RunAsync);

    private static async Task RunAsync(HttpContext http, IHostApplicationLifetime host, TimeProvider time)
    {
        // A stop of the server would wait for the stream.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted, host.ApplicationStopping);
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            while (true)
            {
                await http.Response.WriteAsync("data: look\n\n", end.Token);
                await http.Response.Body.FlushAsync(end.Token);
                await Task.Delay(Beat, time, end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The tab is closed or hidden, or the console stops.
        }
    }
}
