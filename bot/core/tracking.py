"""Parameters of addresses that say where a reader came from, and change nothing about what is read."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

_ALWAYS_NAMES = """
    __s __hsfp __hssc __hstc __twitter_impression _bhiiv _bhlid _ga _gl _openstat amp aff_id at_campaign at_medium
    cmpid cvid dclid dicbo dpg_source ef_id epik fb_action_ids fb_action_types fb_ref fb_source fbclid ga
    ga_campaign ga_content ga_medium ga_source gad gad_campaignid gad_source gbraid gclid gclsrc gi guccounter igsh
    igshid li_fat_id mkt_tok msclkid ncid ns_campaign ns_mchannel ns_source r_src rdt_cid ref_ ref_src ref_url
    referrer s_cid s_kwcid share_from share_source share_source_type sharedfrom sharetype shareuid smid smtyp spm
    spm_id_from sr_share srsltid trk trkcampaign ttclid twclid usqp utm vd_source wbraid wickedid xtor yclid ysclid
"""
_ALWAYS = frozenset(_ALWAYS_NAMES.split())
_PREFIXES = (
    "utm_",
    "amp_",
    "cm_mmc",
    "guce_",
    "hsa_",
    "_hs",
    "matomo_",
    "mc_",
    "mtm_",
    "oly_",
    "piwik_",
    "pk_",
    "sc_c",
    "stm_",
    "trk_",
    "vero_",
    "wt.",
)

_OFTEN = frozenset({"ref", "s", "sh", "share", "si", "source"})
"""These say where a reader came from, but for places where the parameters alone say what is read."""

_ON = {
    "bilibili.com": frozenset({"buvid", "from_source", "from_spmid", "is_story_h5", "plat_id", "timestamp"}),
    "facebook.com": frozenset({"mibextid", "rdid"}),
    "linkedin.com": frozenset({"lipi", "rcm", "originalsubdomain", "trackingid"}),
    "mp.weixin.qq.com": frozenset(
        {"chksm", "scene", "sessionid", "subscene", "clicktime", "enterid", "sharer_shareinfo"}
    ),
    "nytimes.com": frozenset(
        {"referringsource", "campaign_id", "instance_id", "regi_id", "segment_id", "user_id", "emc"}
    ),
    "open.spotify.com": frozenset({"si", "nd"}),
    "reddit.com": frozenset({"context", "rdt", "share_id", "st"}),
    "substack.com": frozenset({"r", "s", "showwelcomeonshare", "triedredirect", "isfreemail"}),
    "twitter.com": frozenset({"s", "t", "cn", "cxt"}),
    "x.com": frozenset({"s", "t", "cn", "cxt"}),
    "youtu.be": frozenset({"feature", "ab_channel", "pp", "si"}),
    "youtube.com": frozenset({"feature", "ab_channel", "pp", "si", "app"}),
}

_FORM = frozenset({"format", "mode", "output", "outputtype", "type", "view"})
_SCRIPT = re.compile(r"\.(?:aspx?|cgi|jsp|php|pl)$|/(?:find|query|results|search)/?$", re.IGNORECASE)


def without_tracking(query: str, host: str, path: str) -> str:
    """A query without what only tracks its reader, the rest in its order.

    host: without `www.`. path: where that is a script or a search, a name such as `source` may mean anything.
    """
    labels = host.split(".")
    own = [_ON[name] for at in range(len(labels)) if (name := ".".join(labels[at:])) in _ON]
    scripted = bool(_SCRIPT.search(path)) or labels[0] == "api"

    def matters(parameter: str) -> bool:
        name, _, value = parameter.partition("=")
        name = unquote_plus(name).lower().removeprefix("amp;")
        if not parameter or name.startswith(_PREFIXES) or any(name in each for each in own):
            return False
        if name in _OFTEN:
            # WordPress searches by `s` on its front page.
            return scripted or (name == "s" and path in ("", "/"))
        return name not in _ALWAYS and not (name in _FORM and value.lower() == "amp")

    return "&".join(filter(matters, query.split("&")))
