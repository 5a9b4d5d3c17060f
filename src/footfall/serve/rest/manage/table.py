"""All calls of the dashboard's own API."""

from footfall.serve.rest.manage.call import ManageCall
from footfall.serve.rest.manage.me import ME_CALLS
from footfall.serve.rest.manage.second_factor import SECOND_FACTOR_CALLS
from footfall.serve.rest.manage.signing_in import SIGN_IN_CALLS

MANAGE_CALLS: tuple[ManageCall, ...] = (*SIGN_IN_CALLS, *ME_CALLS, *SECOND_FACTOR_CALLS)
