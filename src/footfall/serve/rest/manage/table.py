"""All calls of the dashboard's own API."""

from footfall.serve.rest.manage.call import ManageCall
from footfall.serve.rest.manage.log import LOG_CALLS
from footfall.serve.rest.manage.me import ME_CALLS
from footfall.serve.rest.manage.member import MEMBER_CALLS
from footfall.serve.rest.manage.passkey import PASSKEY_CALLS
from footfall.serve.rest.manage.provider import PROVIDER_CALLS
from footfall.serve.rest.manage.saved import SAVED_CALLS
from footfall.serve.rest.manage.second_factor import SECOND_FACTOR_CALLS
from footfall.serve.rest.manage.share import SHARE_CALLS
from footfall.serve.rest.manage.signing_in import SIGN_IN_CALLS
from footfall.serve.rest.manage.token import TOKEN_CALLS
from footfall.serve.rest.manage.website import WEBSITE_CALLS

MANAGE_CALLS: tuple[ManageCall, ...] = (
    *SIGN_IN_CALLS,
    *ME_CALLS,
    *SECOND_FACTOR_CALLS,
    *PASSKEY_CALLS,
    *MEMBER_CALLS,
    *WEBSITE_CALLS,
    *PROVIDER_CALLS,
    *TOKEN_CALLS,
    *SHARE_CALLS,
    *SAVED_CALLS,
    *LOG_CALLS,
)
