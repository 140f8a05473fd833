"""The fields that say how a source lets us in; each says what is wrong with it."""

from django import forms
from unfold.widgets import (
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from harvests.forms.secret_fields import (
    ForgetField,
    HeadersField,
    ProxyField,
    SecretField,
    TokenField,
    refuse,
)
from harvests.pipeline.fetching.access import check_login
from harvests.pipeline.fetching.tls import check_certificates


class AccessFields(forms.ModelForm):
    """What is stored in SourceAccess; each secret has a switch to have it forgotten."""

    username = forms.CharField(
        label="User name",
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="For HTTP Basic or Digest authentication.",
    )
    password = SecretField()
    forget_password = ForgetField("password")
    token = TokenField(
        help_text="Sent as “Authorization: Bearer …”, in place of user and password."
    )
    forget_token = ForgetField("token")
    headers = HeadersField(
        help_text="Sent with every request: one “Name: value” a line, such as "
        "“X-Api-Key: …”. What you enter takes the place of all that are stored."
    )
    forget_headers = ForgetField("headers")
    proxy = ProxyField(help_text="Such as http://name@proxy.example.org:3128.")
    proxy_password = SecretField(label="Password of the proxy")
    forget_proxy_password = ForgetField("password of the proxy")
    verify_tls = forms.BooleanField(
        label="Verify TLS certificates",
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget(),
        help_text="Without this, anybody on the way can read and change what is sent.",
    )
    ca_certificates = forms.CharField(
        label="CA certificates",
        required=False,
        max_length=200_000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="PEM text of authorities to trust for this source, beside the usual.",
    )

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        refuse(check_login(name, "", ""))
        return name

    def clean_ca_certificates(self) -> str:
        text: str = self.cleaned_data["ca_certificates"]
        refuse(check_certificates(text))
        return text
