using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ingest.Api.Webhooks;

/// <summary>How webhooks are sent. Configuration section <c>Webhooks</c>.</summary>
internal sealed class WebhookOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Webhooks";

    /// <summary>Longer than an attempt, by the time that writing down what became of it may take.</summary>
    private static readonly TimeSpan LeaseMargin = TimeSpan.FromSeconds(5);

    /// <summary>Whether a receiver may be at an address that the internet does not route: loopback, private, link-local, multicast and others.</summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>How long a receiver may take to answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The longest pause between two attempts; the first is a hundredth of it, and each is twice the one before.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan MaxPause { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long attempts may fail until the hook is turned off.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How often the store is asked, beside the signals of the workers, while there is an active hook.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many attempts of each hook are kept, the newest.</summary>
    [Range(1, 10_000)]
    public int KeptDeliveries { get; set; } = 200;

    /// <summary>How long a hook is one replica's without a word from it.</summary>
    public TimeSpan Lease => Timeout + LeaseMargin;
}

/// <summary>Checks <see cref="WebhookOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class WebhookOptionsValidator : IValidateOptions<WebhookOptions>;
