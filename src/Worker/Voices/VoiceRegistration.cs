using Microsoft.Extensions.Options;

namespace VoiceWorker.Voices;

/// <summary>What can be spoken with.</summary>
internal static class VoiceRegistration
{
    /// <summary>Adds the catalogue of the settings.</summary>
    public static IServiceCollection AddVoices(this IServiceCollection services) => services
        .AddSingleton(provider => new VoiceCatalogue(provider.GetRequiredService<IOptions<VoiceOptions>>().Value));
}
