using Microsoft.AspNetCore.Components;

namespace Dashboard.Web.Components.Common;

/// <summary>A component that is drawn again whenever the board has changed.</summary>
public abstract class LiveComponent : ComponentBase
{
    /// <summary>What the page shows, and to whom.</summary>
    [CascadingParameter]
    protected Visit Visit { get; set; } = null!;
}
